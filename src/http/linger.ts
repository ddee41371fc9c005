import type { Socket } from 'node:net';

/** Once everything was written to a socket that is being ended, its client has so long to close its side. */
export function linger(socket: Socket, lingerMs: number): void {
  let cut: NodeJS.Timeout | undefined;
  const wait = (): void => {
    cut = setTimeout(() => socket.destroy(), lingerMs);
  };
  socket.once('close', () => clearTimeout(cut));
  if (socket.writableFinished) wait();
  else socket.once('finish', wait);
}

/**
 * The same for HTTP/2, whose clients send window updates while they read. One that has left its window full may never
 * read the rest: it has `unreadMs` to send something.
 */
export function lingerWhileItReads(socket: Socket, lingerMs: number, unreadMs: number): void {
  let cut: NodeJS.Timeout | undefined;
  const wait = (): void => {
    const { bytesRead, writableFinished } = socket;
    const isStill = (): boolean =>
      socket.bytesRead === bytesRead && socket.writableFinished === writableFinished;
    cut = setTimeout(
      () => {
        if (isStill()) socket.destroy();
        else wait();
      },
      writableFinished ? lingerMs : unreadMs,
    );
  };
  socket.once('close', () => clearTimeout(cut));
  wait();
}
