// Items of a call that goes on, as its client takes them: no more are on their way than ITEMS_UNDER_WAY, and the next is not
// made before there is room for it.

import { ITEMS_UNDER_WAY, type Told } from "./protocol.js";

export interface Items {
  /** Room for another item. */
  readonly hasRoom: boolean;
  /** Tells what there is, as far as there is room. */
  send(): void;
  /** One has left. */
  credit(): void;
  /** Tells all that there is, room or not: the end follows. */
  flush(): void;
}

/** `next` makes an item; null: there is nothing to tell now. */
export function createItems(tell: (told: Told) => void, next: () => object | null): Items {
  let credits = ITEMS_UNDER_WAY;

  function send(): void {
    while (credits > 0) {
      const item = next();
      if (item === null) return;
      credits--;
      tell({ item });
    }
  }

  return {
    get hasRoom() {
      return credits > 0;
    },
    send,
    credit() {
      credits++;
      send();
    },
    flush() {
      credits = Infinity;
      send();
    },
  };
}
