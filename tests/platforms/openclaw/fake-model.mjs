// A model for offline runs of a real OpenClaw gateway, shaped like OpenAI's API.
//   FAKE_MODEL_LOG=file node fake-model.mjs [port]     (the first line of stdout: "fake-model listening <url>")
// Serves GET /v1/models and POST /v1/chat/completions, streamed or not. Ends when its stdin ends.
// It echoes the last user message in deltas of one word. Directives inside that text:
//   [[delay=250]]      milliseconds between deltas (15)     [[words=50]]    50 words more
//   [[fail=500]]       answer with that HTTP status         [[cut]]         drop the connection after two deltas
//   [[reply=TEXT]]     answer exactly TEXT                  [[hang]]        send the head of an answer, then nothing
//   [[tool=NAME {"json":"arguments"}]]   first call the tool NAME; the next turn says what the tool answered
import { createServer } from "node:http";
import { appendFileSync } from "node:fs";

const LOG = process.env.FAKE_MODEL_LOG;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const textOf = (content) =>
  typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("");
const number = (text, key, fallback) => Number(text.match(new RegExp(`\\[\\[${key}=(\\d+)\\]\\]`))?.[1] ?? fallback);
const json = (answer, status, body) => {
  answer.writeHead(status, { "content-type": "application/json" });
  answer.end(JSON.stringify(body));
};

// OpenClaw puts a date and a block about the conversation before the text, a line about the runtime after it, and adds a
// user message of its own that holds nothing but context.
const unwrap = (text) =>
  text
    .replace(/<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>.*?<<<END_OPENCLAW_INTERNAL_CONTEXT>>>/gs, "")
    .replace(/^(\[[^\]]*\d\d:\d\d[^\]]*\]\s*)?(Conversation info:.*?```json.*?```\s*)?/s, "")
    .replace(/(\n\n)?Runtime: agent=\S+ \| session=.*$/s, "")
    .trim();

function understand(messages) {
  const real = messages.filter((message) => message.role !== "user" || unwrap(textOf(message.content)));
  const last = real.at(-1) ?? {};
  const asked = real.findLast((message) => message.role === "user")?.content;
  return {
    user: unwrap(textOf(asked)),
    images: Array.isArray(asked) ? asked.filter((part) => part.type === "image_url").length : 0,
    system: textOf(messages.find((message) => message.role === "system" || message.role === "developer")?.content),
    toolResult: last.role === "tool" ? textOf(last.content) : null,
  };
}

function plan({ user, toolResult }) {
  if (toolResult !== null) return { text: `tool said: ${toolResult.slice(0, 400)}` };
  const tool = user.match(/\[\[tool=([\w.-]+)\s*(\{.*?\})?\]\]/s);
  if (tool) return { tool: { id: `call_${Date.now()}`, name: tool[1], arguments: tool[2] ?? "{}" } };
  const exact = user.match(/\[\[reply=(.*?)\]\]/s);
  let text = exact ? exact[1] : `echo: ${user.replace(/\[\[.*?\]\]/gs, "").trim()}`;
  for (let i = 0, words = number(user, "words", 0); i < words; i++) text += ` w${i}`;
  return { text };
}

async function handle(request, answer) {
  let body = "";
  for await (const chunk of request) body += chunk;
  if (request.method === "GET") {
    return json(answer, 200, { object: "list", data: [{ id: "echo-1", object: "model" }] });
  }
  const query = JSON.parse(body || "{}");
  const asked = understand(query.messages ?? []);
  const tools = (query.tools ?? []).map((tool) => tool.function?.name ?? tool.name);
  if (LOG) appendFileSync(LOG, JSON.stringify({ atMs: Date.now(), ...asked, tools, model: query.model }) + "\n");

  const status = number(asked.user, "fail", 0);
  if (status) {
    return json(answer, status, { error: { message: `fake failure ${status}`, type: "fake_error", code: "fake" } });
  }
  const { text, tool } = plan(asked);
  const calls = tool && [
    { index: 0, id: tool.id, type: "function", function: { name: tool.name, arguments: tool.arguments } },
  ];
  const finish = tool ? "tool_calls" : "stop";
  const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
  const whole = { id: `fake-${Date.now()}`, model: query.model, created: 0 };
  if (!query.stream) {
    const message = { role: "assistant", content: text ?? null, tool_calls: calls };
    const choices = [{ index: 0, message, finish_reason: finish }];
    return json(answer, 200, { ...whole, object: "chat.completion", usage, choices });
  }

  answer.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  if (asked.user.includes("[[hang]]")) return answer.flushHeaders();
  const send = (choices, more) =>
    answer.write(`data: ${JSON.stringify({ ...whole, object: "chat.completion.chunk", choices, ...more })}\n\n`);
  const chunk = (delta, finish_reason = null) => send([{ index: 0, delta, finish_reason }]);
  chunk({ role: "assistant", content: "" });
  if (tool) chunk({ tool_calls: calls });
  for (const [i, part] of (text?.match(/\S+\s*/g) ?? []).entries()) {
    if (answer.destroyed) return;
    if (asked.user.includes("[[cut]]") && i === 2) return answer.destroy();
    chunk({ content: part });
    await sleep(number(asked.user, "delay", 15));
  }
  chunk({}, finish);
  send([], { usage });
  answer.end("data: [DONE]\n\n");
}

const failed = (answer) => (error) => {
  try {
    json(answer, 500, { error: { message: String(error) } });
  } catch {
    answer.destroy();
  }
};
const server = createServer((request, answer) => handle(request, answer).catch(failed(answer)));
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () =>
  console.log(`fake-model listening http://127.0.0.1:${server.address().port}/v1`),
);
// Whoever started us holds the other end: when they are gone, however they went, so are we.
process.stdin.on("end", () => process.exit(0)).resume();
