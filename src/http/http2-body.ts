import type { ServerHttp2Stream } from 'node:http2';
import type { BodySink, BodySource } from './body.ts';

/** The body of an HTTP/2 request. It does not listen to the stream until it is read. */
export class Http2Body implements BodySource {
  readonly #stream: ServerHttp2Stream;
  #sink: BodySink | undefined;
  #listening = false;
  takenBytes = 0;
  ended = false;
  cut = false;

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
  }

  read(sink: BodySink): void {
    this.#sink = sink;
    if (!this.#listening) this.#listen();
    if (this.ended) this.#dismiss()?.end();
    else if (this.cut) this.#dismiss()?.cut();
    else this.#stream.resume();
  }

  pause(): void {
    if (!this.ended && !this.cut) this.#stream.pause();
  }

  resume(): void {
    if (!this.ended && !this.cut) this.#stream.resume();
  }

  #listen(): void {
    this.#listening = true;
    const stream = this.#stream;
    if (stream.destroyed) {
      this.cut = true;
      return;
    }
    stream.on('data', (chunk: Buffer) => {
      this.takenBytes += chunk.length;
      this.#sink?.data(chunk);
    });
    stream.on('end', () => this.#onEnd());
    // 'close' follows 'end' and errors alike, so that errors need no listener of their own.
    stream.on('close', () => this.#onCut());
  }

  #onEnd(): void {
    // A stream that was reset ends just as a complete one does.
    if (this.#stream.rstCode !== 0 || this.#stream.aborted) return this.#onCut();
    this.ended = true;
    this.#dismiss()?.end();
  }

  #onCut(): void {
    if (this.ended) return;
    this.cut = true;
    this.#dismiss()?.cut();
  }

  /** Returns the sink once, so that it gets only one end event. */
  #dismiss(): BodySink | undefined {
    const sink = this.#sink;
    this.#sink = undefined;
    return sink;
  }
}
