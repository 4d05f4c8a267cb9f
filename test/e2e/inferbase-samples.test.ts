// The samples of Inferbase's reference, word by word but for base URL and key: whoever copies them must succeed.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { readEvents, terminalOf, textOf } from "../support/events.ts";
import { sharedRouter } from "../support/router.ts";

const router = sharedRouter();
const run = promisify(execFile);
const ROOT = `${import.meta.dirname}/../..`;

const canRun = async (file: string, args: readonly string[]) =>
  await run(file, args).then(
    () => true,
    () => false,
  );
const hasCurl = await canRun("curl", ["--version"]);
const hasPythonClient = await canRun("python3", ["-c", "import openai"]);

/** As printed in the reference, with this router's base and key. */
function localized(sample: string): string {
  return sample
    .replaceAll("https://api.inferbase.ai/api/v1/inference", router.inferbase)
    .replaceAll("inf_your_api_key", router.apiKey);
}

async function shell(sample: string): Promise<string> {
  const { stdout } = await run("sh", ["-c", localized(sample)], { maxBuffer: 1024 * 1024 * 16 });
  return stdout;
}

describe.skipIf(!hasCurl)("curl (skipped where there is no curl)", () => {
  test("chat completions", async () => {
    const answer = JSON.parse(
      await shell(`curl -X POST https://api.inferbase.ai/api/v1/inference/chat/completions \\
  -H "Authorization: Bearer inf_your_api_key" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "Qwen/Qwen3-14B",
    "messages": [
      {"role": "system", "content": "You are a helpful assistant."},
      {"role": "user", "content": "What is machine learning?"}
    ],
    "temperature": 0.7,
    "max_tokens": 256
  }'`),
    );
    expect(answer).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-/),
      object: "chat.completion",
      created: expect.any(Number),
      model: "Qwen/Qwen3-14B",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: expect.stringMatching(/\S/) },
          finish_reason: expect.stringMatching(/^(stop|length)$/),
        },
      ],
      usage: {
        prompt_tokens: expect.any(Number),
        completion_tokens: expect.any(Number),
        total_tokens: expect.any(Number),
      },
    });
  });

  test("smart routing, with the key's defaults", async () => {
    const answer = JSON.parse(
      await shell(`curl -X POST https://api.inferbase.ai/api/v1/inference/chat/completions \\
  -H "Authorization: Bearer inf_your_api_key" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "auto",
    "messages": [{"role": "user", "content": "Write a Python function to sort a list"}]
  }'`),
    );
    expect(answer.model).toMatch(/\//);
    expect(answer.choices[0].message.content).toMatch(/\S/);
  });

  test("overrides of one request", async () => {
    const answer = JSON.parse(
      await shell(`curl -X POST https://api.inferbase.ai/api/v1/inference/chat/completions \\
  -H "Authorization: Bearer inf_your_api_key" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "auto",
    "messages": [{"role": "user", "content": "Analyze this contract..."}],
    "routing": {
      "optimize": "quality",
      "model_pool": ["Qwen/Qwen3-14B", "Qwen/Qwen3-32B"]
    }
  }'`),
    );
    expect(answer.model).toBeOneOf(["Qwen/Qwen3-14B", "Qwen/Qwen3-32B"]);
  });

  test("streaming", async () => {
    const events = readEvents(
      await shell(`curl -N -X POST https://api.inferbase.ai/api/v1/inference/chat/completions \\
  -H "Authorization: Bearer inf_your_api_key" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "auto",
    "messages": [{"role": "user", "content": "Hello!"}],
    "stream": true
  }'`),
    );
    expect(events[0]?.json).toMatchObject({
      object: "routing",
      task: expect.any(String),
      complexity: expect.any(String),
      confidence: expect.any(Number),
      model: expect.any(String),
      routing_time_ms: expect.any(Number),
    });
    expect(textOf(events)).toMatch(/\S/);
    expect(terminalOf(events)).toBe("done");
  });

  test("models, health, a key with routing, credits", async () => {
    const models = JSON.parse(await shell("curl https://api.inferbase.ai/api/v1/inference/models"));
    expect(models).toMatchObject({ object: "list" });
    const row = { id: "Qwen/Qwen3-14B", object: "model", owned_by: "inferbase" };
    expect(models.data).toContainEqual(expect.objectContaining(row));
    const health = JSON.parse(
      await shell("curl https://api.inferbase.ai/api/v1/inference/models/Qwen/Qwen3-14B/health"),
    );
    expect(health).toMatchObject({ model: "Qwen/Qwen3-14B", status: "ready" });
    const body = {
      name: "Production",
      model_pool: ["Qwen/Qwen3-14B", "Qwen/Qwen3-32B"],
      optimize_mode: "balanced",
    };
    const created = await fetch(`${router.inferbase}/keys`, {
      method: "POST",
      headers: { authorization: `Bearer ${router.managementKey}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect([created.status, await created.json()]).toEqual([201, expect.objectContaining(body)]);
  });
});

test("Node.js with the OpenAI SDK", async () => {
  const sample = `import OpenAI from "openai";

const client = new OpenAI({
  apiKey: "inf_your_api_key",
  baseURL: "https://api.inferbase.ai/api/v1/inference",
});

const response = await client.chat.completions.create({
  model: "auto",
  messages: [
    { role: "user", content: "Explain quantum computing in 3 sentences." }
  ],
});
console.log(response.choices[0].message.content);
`;
  const args = ["--input-type=module", "-e", localized(sample)];
  const { stdout } = await run(process.execPath, args, { cwd: ROOT });
  expect(stdout).toMatch(/\S/);
});

test.skipIf(!hasPythonClient)("Python with the OpenAI SDK (skipped where it is not installed)", async () => {
  const sample = `from openai import OpenAI

client = OpenAI(
    api_key="inf_your_api_key",
    base_url="https://api.inferbase.ai/api/v1/inference",
)

# Smart routing: picks the best model from your key's pool
response = client.chat.completions.create(
    model="auto",
    messages=[
        {"role": "user", "content": "Explain quantum computing in 3 sentences."}
    ],
)
print(response.choices[0].message.content)

# Or use a specific model directly
response = client.chat.completions.create(
    model="Qwen/Qwen3-14B",
    messages=[
        {"role": "user", "content": "Hello!"}
    ],
)
print(response.choices[0].message.content)
`;
  const { stdout } = await run("python3", ["-c", localized(sample)]);
  expect(stdout.trim().split("\n").length).toBeGreaterThanOrEqual(2);
});
