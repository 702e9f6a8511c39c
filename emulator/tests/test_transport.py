import asyncio

import httpx2
from openai import AsyncOpenAI, OpenAI

from responses_emulator.account import KEY
from responses_emulator.adapters.transport import AsyncTransport, Transport
from responses_emulator.core import Emulator

URL = "https://example.openai.azure.com/openai/v1/"


def sdk(emulator):
    transport = Transport(emulator.handle)
    client = httpx2.Client(transport=transport)
    return OpenAI(api_key=KEY, base_url=URL, http_client=client)


def test_the_sdk_gets_an_answer_in_process():
    with sdk(Emulator()) as client:
        response = client.responses.create(model="gpt-5-mini", input="Hello.")

    assert response.output_text


def test_the_first_event_arrives_before_the_last_one_is_made():
    emulator = Emulator()
    with (
        sdk(emulator) as client,
        client.responses.create(
            model="gpt-5-mini", input="Hello.", stream=True
        ) as stream,
    ):
        first = next(iter(stream))
        [stored] = emulator.store.responses

        assert first.type == "response.created"
        assert stored.body["status"] == "in_progress"
        assert stored.body["output"] == []


def test_closing_a_stream_early_ends_it_in_the_emulator():
    emulator = Emulator()
    with sdk(emulator) as client:
        stream = client.responses.create(
            model="gpt-5-mini", input="Hello.", stream=True
        )
        next(iter(stream))
        stream.close()

    [stored] = emulator.store.responses
    assert stored.body["status"] == "cancelled"


def test_an_async_client_ends_a_stream_early_as_well():
    emulator = Emulator()

    async def main():
        transport = AsyncTransport(emulator.handle)
        async with AsyncOpenAI(
            api_key=KEY,
            base_url=URL,
            http_client=httpx2.AsyncClient(transport=transport),
        ) as client:
            stream = await client.responses.create(
                model="gpt-5-mini", input="Hello.", stream=True
            )
            await anext(aiter(stream))
            await stream.close()

    asyncio.run(main())
    [stored] = emulator.store.responses
    assert stored.body["status"] == "cancelled"


def test_the_async_client_streams_too():
    async def main():
        transport = AsyncTransport(Emulator().handle)
        async with AsyncOpenAI(
            api_key=KEY,
            base_url=URL,
            http_client=httpx2.AsyncClient(transport=transport),
        ) as client:
            stream = await client.responses.create(
                model="gpt-5-mini", input="Hello.", stream=True
            )
            return [event.type async for event in stream]

    kinds = asyncio.run(main())
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
