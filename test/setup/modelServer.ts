/** An OpenAI-compatible server of the tests: real HTTP, answers as the test says, counts what it is asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface ModelRequest {
  path: string;
  authorization: string | undefined;
  body: {
    model: string;
    messages: { role: string; content: unknown }[];
    [setting: string]: unknown;
  };
  /** How often this very body was asked before. */
  repeat: number;
}
export interface ModelReply {
  status?: number;
  headers?: Record<string, string>;
  /** The assistant's text; or `body` for anything else. */
  content?: string | null;
  message?: Record<string, unknown>;
  finishReason?: string;
  body?: unknown;
  delayMs?: number;
}

export interface ModelServer {
  baseUrl: string;
  requests: ModelRequest[];
  /** Requests received whose answer is not sent yet, and the most there ever were. */
  inFlight: number;
  mostInFlight: number;
  answer: (request: ModelRequest) => ModelReply | Promise<ModelReply>;
  close(): Promise<void>;
}

export async function startModelServer(answer: ModelServer['answer']): Promise<ModelServer> {
  const seen = new Map<string, number>();
  const server = createServer((request, response) => void serve(request, response));
  const state: ModelServer = {
    baseUrl: '',
    requests: [],
    inFlight: 0,
    mostInFlight: 0,
    answer,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const part of request) text += part;
    const body: ModelRequest['body'] = JSON.parse(text);
    const repeat = seen.get(text) ?? 0;
    seen.set(text, repeat + 1);
    const asked = { path: request.url ?? '', authorization: request.headers.authorization, body, repeat };
    state.requests.push(asked);
    state.inFlight += 1;
    state.mostInFlight = Math.max(state.mostInFlight, state.inFlight);
    try {
      const reply = await state.answer(asked);
      if (reply.delayMs) await delay(reply.delayMs);
      const id = `req_${state.requests.length}`;
      response.writeHead(reply.status ?? 200, {
        'content-type': 'application/json',
        'x-request-id': id,
        ...reply.headers,
      });
      response.end(JSON.stringify(reply.body ?? completionOf(body.model, reply)));
    } finally {
      state.inFlight -= 1;
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return state;
}

function completionOf(model: string, reply: ModelReply) {
  return {
    id: 'chatcmpl-test',
    object: 'chat.completion',
    created: 0,
    model: `${model}-2026`,
    system_fingerprint: 'fp_test',
    choices: [
      {
        index: 0,
        finish_reason: reply.finishReason ?? 'stop',
        message: reply.message ?? { role: 'assistant', content: reply.content ?? null },
      },
    ],
    usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
  };
}

/** What the server of OpenAI answers to a bad request, key or quota. */
export function errorReply(
  status: number,
  code: string,
  message = 'no',
  headers: Record<string, string> = {},
): ModelReply {
  return { status, headers, body: { error: { message, type: code, code, param: null } } };
}
