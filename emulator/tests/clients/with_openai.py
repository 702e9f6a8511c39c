"""The SDK: sync and async, its helpers, the dated layout."""

import os

from openai import AsyncOpenAI, AzureOpenAI, OpenAI
from pydantic import BaseModel
from report import KEY, MODEL, QUESTION, V1, WEATHER, report, versions


class City(BaseModel):
    city: str
    country: str


TOOL = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the weather of a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}
sync = OpenAI(base_url=V1, api_key=KEY, max_retries=0)
dated = AzureOpenAI(
    azure_endpoint=os.environ["EMULATOR_URL"],
    api_version="2025-04-01-preview",
    api_key=KEY,
    max_retries=0,
)


def use_tool(client):
    first = client.responses.create(model=MODEL, input=WEATHER, tools=[TOOL])
    [call] = [item for item in first.output if item.type == "function_call"]
    output = {"type": "function_call_output", "call_id": call.call_id}
    return client.responses.create(
        model=MODEL,
        tools=[TOOL],
        previous_response_id=first.id,
        input=[output | {"output": "Sunny, 20 degrees."}],
    ).output_text


def stream(client):
    with client.responses.stream(model=MODEL, input=QUESTION) as events:
        kinds = [event.type for event in events]
    assert kinds[-1] == "response.completed"
    return events.get_final_response().output_text


def parse(client):
    return client.responses.parse(
        model=MODEL, input="Paris is in France. Extract.", text_format=City
    ).output_parsed.model_dump()


async def text_async():
    async with AsyncOpenAI(base_url=V1, api_key=KEY, max_retries=0) as client:
        return (await client.responses.create(model=MODEL, input=QUESTION)).output_text


async def stream_async():
    async with (
        AsyncOpenAI(base_url=V1, api_key=KEY, max_retries=0) as client,
        client.responses.stream(model=MODEL, input=QUESTION) as events,
    ):
        async for _ in events:
            pass
        return (await events.get_final_response()).output_text


versions("openai")
for name, client in (("", sync), (", dated", dated)):

    def text(client=client):
        return client.responses.create(model=MODEL, input=QUESTION).output_text

    report(f"text{name}", text)
    report(f"stream{name}", lambda client=client: stream(client))
    report(f"tool{name}", lambda client=client: use_tool(client))
    report(f"structured{name}", lambda client=client: parse(client))
report("text, async", text_async)
report("stream, async", stream_async)
wrong = sync.with_options(api_key="wrong")
report("bad key", lambda: wrong.responses.create(model=MODEL, input=QUESTION))
wrong_dated = dated.with_options(api_key="wrong")
report("bad key, dated", lambda: wrong_dated.responses.create(model=MODEL, input="x"))
