import { connect, createServer } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/** The remembered port if it is free, else one that the operating system gives. */
export async function choosePort(remembered?: number): Promise<number> {
  if (remembered !== undefined && (await listenOn(remembered)) !== undefined) return remembered;
  const port = await listenOn(0);
  if (port === undefined) throw new Error('the operating system gave no free port on 127.0.0.1');
  return port;
}

/** Listens for a moment: the port, or undefined where somebody else has it. */
function listenOn(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}

/** True if somebody accepts connections on the port. */
export function accepts(port: number, withinMs = 1000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: LOOPBACK });
    const settle = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.setTimeout(withinMs, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
