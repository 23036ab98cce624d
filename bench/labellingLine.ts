/**
 * One labeller's connection, kept alive, one request at a time. Plain HTTP/1.1 on a socket: the benches' callers share the
 * cores with what they measure, and a full client costs about as much as the site.
 */
import { connect, type Socket } from 'node:net';

export interface Answer {
  status: number;
  body: string;
}

export class Line {
  private readonly head: string;
  private received: Buffer = Buffer.alloc(0);
  private waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;

  private constructor(
    private readonly socket: Socket,
    { host }: URL,
    token: string,
  ) {
    this.head = `Host: ${host}\r\nAuthorization: Bearer ${token}\r\n`;
    socket.setNoDelay(true);
    socket.on('data', (part) => this.receive(part));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the connection was closed')));
  }

  static open(url: URL, token: string): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(url.port), url.hostname, () => resolve(new Line(socket, url, token)));
      socket.once('error', reject);
    });
  }

  /** @param body JSON, if any. */
  post(path: string, body = '', headers = ''): Promise<Answer> {
    const type = body === '' ? '' : 'Content-Type: application/json\r\n';
    if (this.socket.destroyed) return Promise.reject(new Error('the connection was closed'));
    this.socket.write(
      `POST ${path} HTTP/1.1\r\n${this.head}${headers}${type}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
  }

  close(): void {
    this.socket.removeAllListeners('close');
    this.socket.destroy();
  }

  private receive(part: Buffer): void {
    this.received = this.received.length === 0 ? part : Buffer.concat([this.received, part]);
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.received.toString('latin1', 0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      this.fail(new Error('an answer without its length'));
      return;
    }
    const whole = end + 4 + Number(length);
    if (this.received.length < whole) return;
    const answer = { status: Number(head.slice(9, 12)), body: this.received.toString('utf8', end + 4, whole) };
    this.received = this.received.subarray(whole);
    this.waiting?.resolve(answer);
  }

  private fail(error: Error): void {
    this.waiting?.reject(error);
  }
}
