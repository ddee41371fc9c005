import type { ServerHttp2Stream } from 'node:http2';
import type { BodySink, BodySource } from './body.ts';

/** The body of a request over HTTP/2; the stream is listened to when the body is first read. */
export class Http2Body implements BodySource {
  readonly #stream: ServerHttp2Stream;
  #sink: BodySink | undefined;
  #listening = false;
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
    stream.on('data', (chunk: Buffer) => this.#sink?.data(chunk));
    stream.on('end', () => this.#onEnd());
    // Comes after 'end' as well; and after an error, which thus needs no listener.
    stream.on('close', () => this.#onCut());
  }

  #onEnd(): void {
    // A stream that was reset ends like one that is complete.
    if (this.#stream.rstCode !== 0 || this.#stream.aborted) return this.#onCut();
    this.ended = true;
    this.#dismiss()?.end();
  }

  #onCut(): void {
    if (this.ended) return;
    this.cut = true;
    this.#dismiss()?.cut();
  }

  /** Its end is told to a reader once. */
  #dismiss(): BodySink | undefined {
    const sink = this.#sink;
    this.#sink = undefined;
    return sink;
  }
}
