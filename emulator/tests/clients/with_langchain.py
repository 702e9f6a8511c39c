"""LangChain's two clients: for the v1 layout, and for Azure's dated one."""

import os

from langchain_core.messages import HumanMessage
from langchain_core.tools import tool
from langchain_openai import AzureChatOpenAI, ChatOpenAI
from pydantic import BaseModel
from report import KEY, MODEL, QUESTION, V1, WEATHER, report, versions


class City(BaseModel):
    """A city and its country."""

    city: str
    country: str


@tool
def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"Sunny in {city}, 20 degrees."


def v1(key=KEY):
    return ChatOpenAI(
        model=MODEL, base_url=V1, api_key=key, use_responses_api=True, max_retries=0
    )


def dated(key=KEY):
    return AzureChatOpenAI(
        azure_deployment=MODEL,
        azure_endpoint=os.environ["EMULATOR_URL"],
        api_version="2025-04-01-preview",
        api_key=key,
        use_responses_api=True,
        max_retries=0,
    )


def stream(model):
    return "".join(chunk.text for chunk in model.stream(QUESTION))


def use_tool(model):
    model = model.bind_tools([get_weather])
    messages = [HumanMessage(WEATHER)]
    answer = model.invoke(messages)
    assert answer.tool_calls
    messages += [answer, *[get_weather.invoke(call) for call in answer.tool_calls]]
    return model.invoke(messages).text


def extract(model):
    model = model.with_structured_output(City)
    return model.invoke("Paris is in France. Extract.").model_dump()


versions("langchain-openai", "langchain-core")
for name, make in (("", v1), (", dated", dated)):
    report(f"text{name}", lambda make=make: make().invoke(QUESTION).text)
    report(f"stream{name}", lambda make=make: stream(make()))
    report(f"tool{name}", lambda make=make: use_tool(make()))
    report(f"structured{name}", lambda make=make: extract(make()))
    report(f"bad key{name}", lambda make=make: make("wrong").invoke(QUESTION))
