"""Pydantic AI, which asks for structure with a tool or with the format."""

from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.models.openai import OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider
from report import KEY, MODEL, QUESTION, V1, WEATHER, report, versions


class City(BaseModel):
    city: str
    country: str


def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"Sunny in {city}, 20 degrees."


def agent(key=KEY, **options):
    client = AsyncOpenAI(base_url=V1, api_key=key, max_retries=0)
    provider = OpenAIProvider(openai_client=client)
    return Agent(OpenAIResponsesModel(MODEL, provider=provider), **options)


async def run(question, **options):
    answer = (await agent(**options).run(question)).output
    return answer.model_dump() if isinstance(answer, City) else answer


async def stream():
    async with agent().run_stream(QUESTION) as answer:
        return "".join([part async for part in answer.stream_text(delta=True)])


EXTRACT = "Paris is in France. Extract."

versions("pydantic-ai-slim")
report("text", lambda: run(QUESTION))
report("stream", stream)
report("tool", lambda: run(WEATHER, tools=[get_weather]))
report("structured", lambda: run(EXTRACT, output_type=NativeOutput(City)))
report("structured, by a tool", lambda: run(EXTRACT, output_type=City))
report("bad key", lambda: run(QUESTION, key="wrong"))
