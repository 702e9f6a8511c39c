"""OpenAI Agents."""

from agents import (
    Agent,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from openai import AsyncOpenAI
from pydantic import BaseModel
from report import KEY, MODEL, QUESTION, V1, WEATHER, report, versions

set_tracing_disabled(True)  # it would send what was said to OpenAI


class City(BaseModel):
    city: str
    country: str


@function_tool
def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"Sunny in {city}, 20 degrees."


def agent(key=KEY, **options):
    client = AsyncOpenAI(base_url=V1, api_key=key, max_retries=0)
    model = OpenAIResponsesModel(model=MODEL, openai_client=client)
    return Agent(name="agent", model=model, **options)


async def run(question, **options):
    answer = (await Runner.run(agent(**options), question)).final_output
    return answer.model_dump() if isinstance(answer, City) else answer


async def stream():
    running = Runner.run_streamed(agent(), QUESTION)
    async for _ in running.stream_events():
        pass
    return running.final_output


versions("openai-agents")
report("text", lambda: run(QUESTION))
report("stream", stream)
report("tool", lambda: run(WEATHER, tools=[get_weather]))
report("structured", lambda: run("Paris is in France. Extract.", output_type=City))
report("bad key", lambda: run(QUESTION, key="wrong"))
