// The SDK for Node, and Vercel's AI SDK with its providers for OpenAI and for Azure.

import { readFileSync } from "node:fs";
import { createAzure } from "@ai-sdk/azure";
import { createOpenAI } from "@ai-sdk/openai";
import { generateObject, generateText, stepCountIs, streamText, tool } from "ai";
import OpenAI from "openai";
import { z } from "zod";

const V1 = process.env.EMULATOR_URL + "/openai/v1";
const KEY = process.env.EMULATOR_KEY;
const model = "gpt-5.4-mini";
const QUESTION = "What is the capital of France?";
const WEATHER = "What is the weather in Paris?";
const EXTRACT = "Paris is in France. Extract.";

async function report(check, run) {
  let line;
  try {
    line = { check, said: await run() };
  } catch (error) {
    line = { check, raised: `${error.name}: ${error.message}` };
  }
  console.log(JSON.stringify(line));
}

const versions = {};
for (const name of ["openai", "ai", "@ai-sdk/openai", "@ai-sdk/azure"]) {
  const file = new URL(`./node_modules/${name}/package.json`, import.meta.url);
  versions[name] = JSON.parse(readFileSync(file, "utf8")).version;
}
console.log(JSON.stringify({ versions }));

const parameters = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
// With a country beside it, a city is what is in one: no model has to know either.
const place = {
  ...parameters,
  properties: { city: { type: "string" }, country: { type: "string" } },
  required: ["city", "country"],
};
const functionTool = {
  type: "function",
  name: "get_weather",
  description: "Get the weather of a city.",
  parameters,
  strict: true,
};
const client = new OpenAI({ baseURL: V1, apiKey: KEY, maxRetries: 0 });
await report("text", async () => {
  return (await client.responses.create({ model, input: QUESTION })).output_text;
});
await report("stream", async () => {
  const stream = client.responses.stream({ model, input: QUESTION });
  for await (const _ of stream);
  return (await stream.finalResponse()).output_text;
});
await report("tool", async () => {
  const first = await client.responses.create({
    model,
    tools: [functionTool],
    input: WEATHER,
  });
  const call = first.output.find((item) => item.type === "function_call");
  const output = { type: "function_call_output", call_id: call.call_id };
  const second = await client.responses.create({
    model,
    tools: [functionTool],
    previous_response_id: first.id,
    input: [{ ...output, output: "Sunny, 20 degrees." }],
  });
  return second.output_text;
});
await report("structured", async () => {
  const format = { type: "json_schema", name: "place", schema: place, strict: true };
  const request = { model, input: EXTRACT, text: { format } };
  return (await client.responses.parse(request)).output_parsed;
});
await report("bad key", () => {
  const wrong = new OpenAI({ baseURL: V1, apiKey: "wrong", maxRetries: 0 });
  return wrong.responses.create({ model, input: QUESTION });
});

const providers = {
  // Without `/v1` at the end it would ask for paths that no service has.
  azure: (apiKey) => createAzure({ baseURL: V1, apiKey }).responses(model),
  openai: (apiKey) => createOpenAI({ baseURL: V1, apiKey }).responses(model),
};
for (const [name, make] of Object.entries(providers)) {
  const chosen = { model: make(KEY), maxRetries: 0 };
  await report(`text, ai with ${name}`, async () => {
    return (await generateText({ ...chosen, prompt: QUESTION })).text;
  });
  await report(`stream, ai with ${name}`, async () => {
    const result = streamText({ ...chosen, prompt: QUESTION });
    let text = "";
    for await (const part of result.textStream) text += part;
    return text;
  });
  await report(`tool, ai with ${name}`, async () => {
    const getWeather = tool({
      description: "Get the weather of a city.",
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => `Sunny in ${city}, 20 degrees.`,
    });
    const tools = { get_weather: getWeather };
    const stopWhen = stepCountIs(3);
    return (await generateText({ ...chosen, prompt: WEATHER, tools, stopWhen })).text;
  });
  await report(`structured, ai with ${name}`, async () => {
    const schema = z.object({ city: z.string(), country: z.string() });
    return (await generateObject({ ...chosen, schema, prompt: EXTRACT })).object;
  });
  await report(`bad key, ai with ${name}`, async () => {
    return generateText({ model: make("wrong"), maxRetries: 0, prompt: QUESTION });
  });
}
