# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Upload a picture once and ask about it twice.

Group: Pictures and files
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Reads: assets/book_cover.jpg
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#image-input
"""

import os
from contextlib import ExitStack
from pathlib import Path

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
PICTURE = Path(__file__).parent.parent / "assets" / "book_cover.jpg"
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

with ExitStack() as cleanup:
    file = client.files.create(file=PICTURE, purpose="vision")
    cleanup.callback(client.files.delete, file.id)

    for question in ("What is the title of this book?", "What is on its cover?"):
        response = client.responses.create(
            model=MODEL,
            input=[
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": question},
                        # "low" is a fixed small number of tokens; "high" reads more.
                        {"type": "input_image", "file_id": file.id, "detail": "low"},
                    ],
                }
            ],
        )
        print(f"{question}\n{response.output_text}\n")
        if response.status != "completed":  # cut off or failed: nothing was raised
            reason = response.incomplete_details or response.error
            raise SystemExit(f"Unfinished: {reason}")
