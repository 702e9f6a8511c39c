# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "playwright>=1.65,<2", "python-dotenv>=1.2,<2"]
# ///
"""Let the model use a page in a browser: it looks, clicks and types.

Group: Your own tools
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Needs: admission to computer use; Chrome, Edge or Chromium
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/computer-use
"""

import base64
import os
import shutil
from contextlib import suppress

from dotenv import load_dotenv
from openai import OpenAI
from openai.types.responses import ComputerAction
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
MAX_TURNS = 10  # a model that keeps clicking must not run up a bill
TASK = 'Search the page for "Otters in Space" and tell me on which shelf it is.'
PAGE = """
<form onsubmit="answer.textContent = `${book.value}: shelf 7`; return false">
  <input id="book" placeholder="Title" style="margin: 170px 200px; width: 600px">
</form>
<h1 id="answer"></h1>
"""
KEYS = {"CTRL": "Control", "ENTER": "Enter", "ESC": "Escape", "TAB": "Tab"}
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)


def open_browser(playwright: Playwright) -> Browser:
    """Start a browser that is installed; none is downloaded."""
    for channel in ("chrome", "msedge"):
        with suppress(PlaywrightError):  # it is not installed
            return playwright.chromium.launch(channel=channel)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium:
        return playwright.chromium.launch(executable_path=chromium)
    raise SystemExit("No browser: install Google Chrome, Microsoft Edge or Chromium.")


def agreed(question: str) -> bool:
    """Ask; only `y` is yes, and the end of the input is no."""
    try:
        return input(f"{question} [y/n] ") == "y"
    except EOFError:
        return False


def act(page: Page, action: ComputerAction) -> None:
    """Do what the model wants; what this page has no use for is left out."""
    match action.type:
        case "click" if action.button == "left":
            page.mouse.click(action.x, action.y)
        case "type":
            page.keyboard.type(action.text)
        case "keypress":
            page.keyboard.press("+".join(KEYS.get(key, key) for key in action.keys))
        case "wait" | "screenshot":  # a picture is sent whatever was done
            page.wait_for_timeout(1000)
        case _:
            print("Not done: there is no need for that on this page.")


turn_input: str | list = TASK
previous_id = None

with sync_playwright() as playwright, open_browser(playwright) as browser:
    page = browser.new_page(viewport={"width": 1024, "height": 768})
    page.context.set_offline(True)  # whatever is clicked, no site is reached
    page.set_content(PAGE)

    for _ in range(MAX_TURNS):
        response = client.responses.create(
            model=MODEL,
            tools=[{"type": "computer"}],
            input=turn_input,
            previous_response_id=previous_id,
        )
        calls = [item for item in response.output if item.type == "computer_call"]
        if not calls:
            break
        if len(calls) > 1:  # a turn has one call, of several actions: there is one page
            raise SystemExit("Unfinished: the model made several calls in one turn")
        call = calls[0]
        checks = call.pending_safety_checks or []

        # The service wants a person to look at this before anything more is done.
        if not all(agreed(f"{check.message or check.code} Go on?") for check in checks):
            print("Not done: what the model wanted to do next on the page.")
            break

        for action in call.actions or []:
            print(action.to_json(indent=None))
            try:
                act(page, action)
            except PlaywrightError as error:
                print(f"Not done: {error.message}")

        picture = base64.b64encode(page.screenshot()).decode()
        previous_id = response.id
        turn_input = [
            {
                "type": "computer_call_output",
                "call_id": call.call_id,
                "output": {
                    "type": "computer_screenshot",
                    "image_url": f"data:image/png;base64,{picture}",
                },
                "acknowledged_safety_checks": [check.to_dict() for check in checks],
            }
        ]
    else:
        raise SystemExit(f"Unfinished: no answer after {MAX_TURNS} turns")

print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
