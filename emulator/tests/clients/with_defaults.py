"""Frameworks with their default settings: on every deployment, v1 and dated.

    python with_defaults.py pydantic_ai|agents|agent_framework

What is asked of each: a text, the same as a stream, and a tool that is called with the
history sent back as the framework sends it.
"""

import os
import sys

from openai import AsyncAzureOpenAI, AsyncOpenAI
from report import KEY, QUESTION, V1, WEATHER, report, versions

DATED = "2025-04-01-preview"
ENDPOINT = os.environ["EMULATOR_URL"]
CLIENTS = {
    "v1": lambda: AsyncOpenAI(base_url=V1, api_key=KEY, max_retries=0),
    "dated": lambda: AsyncAzureOpenAI(
        azure_endpoint=ENDPOINT, api_key=KEY, api_version=DATED, max_retries=0
    ),
}


def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"Sunny in {city}, 20 degrees."


def pydantic_ai(name, client):
    """A run, a stream, and a run with a tool."""
    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIResponsesModel
    from pydantic_ai.providers.azure import AzureProvider

    def agent(*tools):
        provider = AzureProvider(openai_client=client())
        return Agent(OpenAIResponsesModel(name, provider=provider), tools=tools)

    async def run(question, *tools):
        return (await agent(*tools).run(question)).output

    async def stream():
        async with agent().run_stream(QUESTION) as answer:
            return "".join([part async for part in answer.stream_text(delta=True)])

    return run, stream, get_weather


def agents(name, client):
    """A run, a stream, and a run with a tool."""
    from agents import (
        Agent,
        OpenAIResponsesModel,
        Runner,
        function_tool,
        set_tracing_disabled,
    )

    set_tracing_disabled(True)  # it would send what was said to OpenAI

    def agent(*tools):
        model = OpenAIResponsesModel(model=name, openai_client=client())
        return Agent(name="agent", model=model, tools=list(tools))

    async def run(question, *tools):
        return (await Runner.run(agent(*tools), question)).final_output

    async def stream():
        running = Runner.run_streamed(agent(), QUESTION)
        async for _ in running.stream_events():
            pass
        return running.final_output

    return run, stream, function_tool(get_weather)


def agent_framework(name, client):
    """A run, a stream, and a run with a tool."""
    from agent_framework import Agent
    from agent_framework.openai import OpenAIChatClient

    def agent(*tools):
        chat = OpenAIChatClient(model=name, async_client=client())
        return Agent(client=chat, tools=list(tools))

    async def run(question, *tools):
        return (await agent(*tools).run(question)).text

    async def stream():
        return "".join([part.text async for part in agent().run(QUESTION, stream=True)])

    return run, stream, get_weather


FRAMEWORKS = {
    "pydantic_ai": (pydantic_ai, "pydantic-ai-slim"),
    "agents": (agents, "openai-agents"),
    "agent_framework": (agent_framework, "agent-framework-openai"),
}

framework, package = FRAMEWORKS[sys.argv[1]]
versions(package)
for name in os.environ["DEPLOYMENTS"].split(","):
    for layout, client in CLIENTS.items():
        run, stream, tool = framework(name, client)
        where = f"{name}, {layout}"
        report(f"text, {where}", lambda run=run: run(QUESTION))
        report(f"stream, {where}", stream)
        report(f"tool, {where}", lambda run=run, tool=tool: run(WEATHER, tool))
