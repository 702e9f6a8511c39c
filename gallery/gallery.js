// What a script adds: a search box that filters while one types, and buttons that copy.

const search = document.getElementById("search");
if (search) {
  const box = document.getElementById("q");
  const cards = [...document.querySelectorAll(".card")];
  const groups = [...document.querySelectorAll(".group")];
  const filter = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const card of cards) {
      card.hidden = !words.every((word) => card.dataset.find.includes(word));
    }
    for (const group of groups) {
      group.hidden = !group.querySelector(".card:not([hidden])");
    }
    const left = cards.filter((card) => card.checkVisibility()).length;
    document.getElementById("found").textContent =
      words.length ? `${left} of ${cards.length}` : "";
    document.getElementById("none").hidden = left > 0;
  };
  search.hidden = false;
  document.querySelector("form.find").addEventListener("input", filter);
  document.querySelector("form.find").addEventListener("submit", (event) => {
    event.preventDefault();
    document.querySelector(".card:not([hidden]) a")?.focus();
  });
  filter(); // the browser may have kept what was typed
}

for (const place of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy ${place.dataset.copy}`);
  button.addEventListener("click", async () => {
    const copy = place.cloneNode(true);
    copy.querySelectorAll("del, summary, button").forEach((one) => one.remove());
    const texts = [...copy.querySelectorAll("pre")].map((one) => one.textContent);
    await navigator.clipboard.writeText(texts.join(""));
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  place.append(button);
}

// A line that is linked to may be folded away.
const unfold = () => {
  const line = document.getElementById(location.hash.slice(1));
  const folded = line?.closest("details:not([open])");
  if (folded) {
    folded.open = true;
    line.scrollIntoView();
  }
};
addEventListener("hashchange", unfold);
unfold();
