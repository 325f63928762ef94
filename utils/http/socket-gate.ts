/** Owns the bound of concurrent requests to one host where Node's agent cannot keep it: sockets that are made step by step. */
import { AsyncResource } from "node:async_hooks";

interface Place {
  start: () => void;
  state: "waiting" | "taken" | "left";
}

interface Queue {
  taken: number;
  readonly waiting: Place[];
}

/** First come, first served, per host. */
export class SocketGate {
  readonly #limit: number;
  readonly #queues = new Map<string, Queue>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Calls `start` when a place is free, at once if one is.
   * @returns gives the place up, or leaves the queue; calling it again does nothing
   */
  enter(host: string, start: () => void): () => void {
    const queue = this.#queues.get(host) ?? { taken: 0, waiting: [] };
    this.#queues.set(host, queue);
    const place: Place = { start, state: "waiting" };
    if (queue.taken < this.#limit) {
      place.state = "taken";
      queue.taken += 1;
      start();
    } else {
      // Its turn comes when somebody else's request ends: traces must not hang it on that one.
      place.start = AsyncResource.bind(start);
      queue.waiting.push(place);
    }
    return () => this.#leave(host, queue, place);
  }

  #leave(host: string, queue: Queue, place: Place): void {
    const { state } = place;
    place.state = "left";
    if (state === "waiting") {
      const index = queue.waiting.indexOf(place);
      if (index >= 0) queue.waiting.splice(index, 1);
    } else if (state === "taken") {
      // The agent takes the socket back in the next tick; before that, the next request would open another one.
      setImmediate(() => this.#next(host, queue));
    }
  }

  #next(host: string, queue: Queue): void {
    const next = queue.waiting.shift();
    if (next !== undefined) {
      next.state = "taken";
      next.start();
      return;
    }
    queue.taken -= 1;
    if (queue.taken === 0) this.#queues.delete(host);
  }
}
