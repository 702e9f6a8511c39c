# /// script
# requires-python = ">=3.11"
# dependencies = ["gradio>=6.31,<7", "openai>=3.54,<4", "pillow>=12.3,<13",
#                 "python-dotenv>=1.2,<2", "secure>=2.0,<3", "starlette>=1.10,<2"]
# ///
"""Chat in the browser with a model that looks things up on Microsoft Learn.

Group: Chat apps
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Reads: assets/chat.html
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#using-remote-mcp-servers
"""

import base64
import hashlib
import html
import os
import re
import string
import time
from pathlib import Path

import gradio as gr
from dotenv import load_dotenv
from gradio.themes import Default
from openai import APIError, AsyncOpenAI, BadRequestError
from openai.types.responses import ToolParam
from openai.types.responses.response_output_item import McpCall
from PIL import Image, UnidentifiedImageError
from secure import ContentSecurityPolicy, Secure
from secure.middleware import SecureASGIMiddleware
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
PAGE = Path(__file__).parent.parent / "assets" / "chat.html"  # its script and styles
LEARN: ToolParam = {
    "type": "mcp",
    "server_label": "mslearn",
    "server_url": "https://learn.microsoft.com/api/mcp",
    "require_approval": "never",  # it only reads public documentation
}
# The names that the app answers to; to any other, with 400. Behind Codespaces or a
# proxy, add the name that it forwards, such as "*.app.github.dev".
HOSTS = ["localhost", "127.0.0.1", "[::1]"]
# Whatever an answer says, the browser fetches nothing from elsewhere.
POLICY = ContentSecurityPolicy().value(
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none'; "
    "frame-src 'none'; frame-ancestors 'self'; base-uri 'self'; form-action 'self'"
)
# In any other language, such as cpp, Gradio may leave the whole answer blank.
COLOURED = "bash c css go html java javascript json latex php python rust sql xml yaml"
SIMILAR = {"c++": "c", "cpp": "c", "js": "javascript", "py": "python", "sh": "bash"}
SIMILAR |= dict.fromkeys(["jsx", "ts", "tsx", "typescript"], "javascript")
client = AsyncOpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

# What the reader is told, by the API's code or reason, or by the SDK's error.
WORDS = {
    "content_filter": "The content filter stepped in. Put the question differently.",
    "empty": "The model said nothing. Press Retry.",
    "lost": "The connection to the model was lost. Press Retry.",
    "max_output_tokens": "The answer reached its greatest length. Ask for the rest.",
    "previous_response_not_found": "The service keeps this chat no longer. Begin anew.",
    "rate_limit_exceeded": "The model is busy. Wait a minute, then press Retry.",
    "refusal": "The model declined to answer. Put the question differently.",
    "server_error": "The model failed. Press Retry.",
}
WORDS["APIConnectionError"] = WORDS["APITimeoutError"] = WORDS["lost"]
WORDS["RateLimitError"] = WORDS["rate_limit_exceeded"]
WORDS["InternalServerError"] = WORDS["server_error"]
UNSEEN = "the model has not seen the question"


async def answer(history: list[dict], visitor: str | None):
    """Yield what the page shows of the answer, again and again while it grows."""
    newest, items = news(history)
    calls = {}
    text = ""
    refused = False
    waiting = True
    writing = {"status": "pending"}
    trouble = note("lost")  # unless the stream says how it ends
    drawn = time.monotonic()

    def page() -> list[dict]:
        messages = [message("assistant", **call) for call in calls.values()]
        called = {call["status"] for call in calls.values()}
        if waiting and "pending" not in called:
            messages.append(
                message("assistant", "", title="Thinking", status="pending")
            )
        if text:
            messages.append(message("assistant", readable(text), **writing))
        return messages

    yield page()
    try:
        async with await client.responses.create(
            model=MODEL,
            input=items,
            previous_response_id=newest,
            tools=[LEARN],
            safety_identifier=hashlib.sha256(str(visitor).encode()).hexdigest(),
            stream=True,
        ) as stream:
            async for event in stream:
                match event.type:
                    case "response.output_item.added" | "response.output_item.done":
                        if event.item.type == "mcp_call":
                            calls[event.item.id] = tool_call(event.item)
                    case "response.mcp_call_arguments.done":
                        arguments = f"```json\n{event.arguments}\n```"
                        calls[event.item_id]["text"] = readable(arguments)
                    case "response.output_text.delta" | "response.refusal.delta":
                        text += event.delta
                        waiting = False
                    case "response.refusal.done":
                        refused = True
                    case "response.completed":
                        writing = {"id": event.response.id}
                        trouble = None
                    case "response.incomplete":
                        writing = {"id": event.response.id}
                        if details := event.response.incomplete_details:
                            trouble = note(details.reason)
                    case "response.failed":
                        if error := event.response.error:
                            trouble = note(error.code, detail=error.message)
                    case "error":
                        trouble = note(event.code, detail=event.message)
                # Of what comes in pieces, five times a second are enough.
                if "delta" not in event.type or time.monotonic() > drawn + 0.2:
                    yield page()
                    drawn = time.monotonic()
    except APIError as error:
        body = error.body if isinstance(error.body, dict) else {}
        detail = body.get("message") or error.message
        trouble = note(error.code, type(error).__name__, detail=detail)
        if isinstance(error, BadRequestError):
            trouble["metadata"]["log"] = UNSEEN
    waiting = False
    for call in calls.values():
        call["status"] = "done"
    writing.pop("status", None)
    if not trouble and refused:
        trouble = note("refusal")
    if not trouble and not text:
        trouble = note("empty")
    yield [*page(), trouble] if trouble else page()


def tool_call(item: McpCall) -> dict:
    """Return what the page shows of a call: its arguments, and why it failed."""
    text = f"```json\n{item.arguments}\n```"
    title = as_written(item.name)
    status = "done" if item.status in ("completed", "failed") else "pending"
    if item.error:
        title += " failed"
        text = f"{as_written(str(item.error))}\n\n{text}"
    return {"text": readable(text), "title": title, "status": status}


def news(history: list[dict]) -> tuple[str | None, list]:
    """Return the newest response that is kept, and what was said since, for the API.

    Whether the service keeps an answer that was stopped, lost or failed is not known.
    So it is sent as the page shows it: the model then knows what the reader knows.
    """
    items = []
    unseen = False
    for said in reversed(history):
        metadata = said.get("metadata") or {}
        if metadata.get("id"):
            return metadata["id"], items
        if metadata.get("title"):  # a thought, or a note
            unseen = metadata.get("log") == UNSEEN
        elif said["role"] == "assistant":
            text = said["content"][0]["text"]
            items.insert(0, {"role": "assistant", "content": text})
        elif not unseen:
            parts = [as_input(part) for part in said["content"]]
            items.insert(0, {"role": "user", "content": parts})
    return None, items


def as_input(part: dict) -> dict:
    """Return a part of somebody's message as the API takes it."""
    if part["type"] == "text":
        return {"type": "input_text", "text": html.unescape(part["text"])}
    path = Path(part["file"]["path"])
    try:
        with Image.open(path, formats=["PNG", "JPEG", "WEBP", "GIF"]) as picture:
            media_type = picture.get_format_mimetype()
    except FileNotFoundError:
        return {"type": "input_text", "text": "(A picture that is no longer kept.)"}
    except UnidentifiedImageError:
        raise gr.Error(f"{path.name} is no PNG, JPEG, WebP or GIF picture.") from None
    except Image.DecompressionBombError:
        raise gr.Error(f"{path.name} has more than 178 megapixels.") from None
    data = base64.b64encode(path.read_bytes()).decode()
    url = f"data:{media_type};base64,{data}"
    return {"type": "input_image", "image_url": url, "detail": "auto"}


def message(role: str, text: str, **metadata: str | float) -> dict:
    """Return a message as the page has it. One with a title can be folded."""
    content = [{"type": "text", "text": text}]
    return {"role": role, "content": content, "metadata": metadata}


def note(*names: str | None, detail: str = "") -> dict:
    """Return what tells the reader why an answer is not whole, and what to do."""
    texts = [WORDS[name] for name in names if name in WORDS]
    texts.append(f"The service says: {as_written(detail)}")
    return message("assistant", texts[0], title="<mark>No complete answer</mark>")


def question(text: str, files: list[str]) -> list[dict]:
    """Return the messages for what somebody sends: the pictures, then the words."""
    messages = []
    for path in files:
        picture = {"path": path, "mime_type": "image"}
        part = {"type": "file", "file": picture, "alt_text": Path(path).name}
        messages.append({"role": "user", "content": [part]})
    if text:
        messages.append(message("user", as_written(text)))
    return messages


def as_written(text: str) -> str:
    """Return what somebody wrote so that Gradio shows it as that, not as Markdown."""
    signs = f"[{re.escape(string.punctuation)} \t]"
    return re.sub(signs, lambda sign: f"&#{ord(sign[0])};", text)


def readable(text: str) -> str:
    """Return the model's Markdown so that Gradio shows all of it, List<String> too.

    This is for looks alone: POLICY and Gradio's sanitizer are what keeps the page safe.
    """

    def known(fence: re.Match) -> str:
        language = fence[2].lower()
        language = SIMILAR.get(language, language)
        return fence[1] + (language if language in COLOURED.split() else "text")

    text = re.sub(r"(?m)(`{3,}+|~{3,}+)[ \t]*([^\s`<]++)(?=[^`\n]*$)", known, text)
    code = r"```[\s\S]*?(?:```|\Z)|~~~[\s\S]*?(?:~~~|\Z)|`[^`\n]+`"
    maths = r"\$\$[\s\S]+?\$\$|\\\([\s\S]+?\\\)|\\\[[\s\S]+?\\\]"
    pieces = re.split(f"({code}|{maths})", text)
    prose = [piece.replace("<", r"\<").replace("![", r"!\[") for piece in pieces[::2]]
    pieces[::2] = prose
    return "".join(pieces)


async def respond(
    sent: dict, history: list[dict], event: gr.EventData, request: gr.Request
):
    """Answer what was sent, chosen or changed, or what is to be answered anew."""
    match event._data:
        case None if sent["text"].strip() or sent["files"]:
            history = history + question(sent["text"], sent["files"])
        case None:  # nothing was written
            yield gr.skip()
            return
        case {"value": {"text": text} as example}:  # chosen
            files = [file["path"] for file in example.get("files") or []]
            history = question(text, files)
        case {"index": index, "value": text, "previous_value": _}:  # changed
            history = history[:index] + question(text, [])
        case {"index": index}:  # to be answered anew
            history = history[: index + 1]
    async for messages in answer(history, request.session_hash):
        yield history + messages


examples: list = [
    {"text": "How long does Azure OpenAI keep a stored response?"},
    {"text": "What are structured outputs in Azure OpenAI?"},
    {"text": "How do I sign in with Microsoft Entra ID in Python?"},
]
maths = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": r"\[", "right": r"\]", "display": True},
    {"left": r"\(", "right": r"\)", "display": False},
]
with gr.Blocks(
    title=f"Ask Microsoft Learn with {MODEL}",
    analytics_enabled=False,  # nothing is told to Gradio's makers
    delete_cache=(3600, 86400),  # a picture stays for a day
    fill_height=True,
) as demo:
    with gr.Row(scale=1):
        with gr.Column(scale=1, min_width=200):
            new = gr.Button("New chat")
            earlier = gr.Radio(label="Earlier chats, kept in this browser")
        with gr.Column(scale=5):
            gr.Markdown(f"# {demo.title}")
            bot = gr.Chatbot(
                show_label=False,
                scale=1,
                placeholder="Ask about Microsoft's products: the model looks it up on "
                "Microsoft Learn. Pictures may be PNG, JPEG, WebP or GIF.",
                examples=examples,
                latex_delimiters=maths,
                buttons=["copy"],
                editable="user",
                allow_file_downloads=False,
                group_consecutive_messages=False,  # a note is no part of the answer
            )
            box = gr.MultimodalTextbox(
                label="Message",
                show_label=False,
                placeholder="Write a message",
                file_types=["image"],
                file_count="multiple",
                autofocus=True,
            )
    # What concerns the page alone is in its script, assets/chat.html.
    box.submit(None, js="chats.submit")
    # Nothing else is answered meanwhile ("once"), but one can type the next message.
    answering = gr.on(
        [box.submit, bot.retry, bot.edit, bot.example_select],
        respond,
        [box, bot],
        bot,
        trigger_mode="once",
        show_progress="hidden",
        api_name="chat",
    )
    answering.then(None, bot, [bot, box], js="chats.rest")
    answering.failure(None, bot, [bot, box], js="chats.rest")
    box.stop(None, cancels=answering)
    bot.clear(None, cancels=answering)
    bot.undo(None, bot, [bot, box], js="chats.undo")
    bot.change(None, bot, [earlier, box], js="chats.show")
    new.click(None, None, [bot, earlier], js="chats.begin", cancels=answering)
    earlier.input(None, earlier, bot, js="chats.open", cancels=answering)
    demo.load(None, None, earlier, js="chats.list")
demo.queue(default_concurrency_limit=None)  # nobody waits for another visitor's answer

if __name__ == "__main__":
    trusted = Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)
    guarded = Middleware(SecureASGIMiddleware, secure=Secure(csp=POLICY))
    demo.launch(
        theme=Default(primary_hue="indigo", font=["system-ui", "sans-serif"]),
        head_paths=PAGE,
        max_file_size="20mb",
        max_threads=1000,  # answers at the same time
        run_history=False,  # Gradio would keep each message once more
        app_kwargs={"middleware": [guarded, trusted]},
    )
