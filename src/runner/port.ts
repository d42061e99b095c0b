/**
 * What a channel writes to: the frames towards the host, or an inner client (surface, warm-up).
 * `request` is the host's number of the client's request; the host finds the client by it and never reads the payload.
 */
export interface ChannelPort {
  response(request: number, json: string, error: boolean, status: number): void;
  related(request: number, json: string): void;
  emit(json: string): void;
  /** The handler of a cancelled request is over. */
  settled(request: number): void;
}
