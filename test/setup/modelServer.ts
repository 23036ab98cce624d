/** An OpenAI-compatible server of the tests: real HTTP, answers as the test says, counts what it is asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { eventsOf, type StreamEnd, sendEvents } from './modelStreams';

export interface ModelRequest {
  path: string;
  authorization: string | undefined;
  headers: IncomingMessage['headers'];
  body: {
    model: string;
    /** Of chats. */
    messages: { role: string; content: unknown }[];
    /** Of plain completions. */
    prompt?: string;
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
  /** What a stream says, in the place of the answer cut into words. */
  events?: readonly unknown[];
  end?: StreamEnd;
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
    const { headers, url = '' } = request;
    const asked = { path: url, authorization: headers.authorization, headers, body, repeat };
    state.requests.push(asked);
    state.inFlight += 1;
    state.mostInFlight = Math.max(state.mostInFlight, state.inFlight);
    try {
      const reply = await state.answer(asked);
      if (reply.delayMs) await delay(reply.delayMs);
      const id = `req_${state.requests.length}`;
      const streamed = body.stream === true && reply.body === undefined;
      response.writeHead(reply.status ?? 200, {
        'content-type': streamed ? 'text/event-stream' : 'application/json',
        'x-request-id': id,
        ...reply.headers,
      });
      const answer = body.prompt === undefined ? completionOf(body.model, reply) : textOf(body.model, reply);
      if (!streamed) response.end(JSON.stringify(reply.body ?? answer));
      else await sendEvents(response, reply.events ?? eventsOf(answer, countsTokens(body)), reply.end);
    } finally {
      state.inFlight -= 1;
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return state;
}

function countsTokens({ stream_options: options }: ModelRequest['body']): boolean {
  return (
    typeof options === 'object' && options !== null && 'include_usage' in options && options.include_usage === true
  );
}

function textOf(model: string, reply: ModelReply) {
  const choice = { index: 0, finish_reason: reply.finishReason ?? 'stop', text: reply.content ?? '', logprobs: null };
  return { ...completionOf(model, reply), id: 'cmpl-test', object: 'text_completion', choices: [choice] };
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
