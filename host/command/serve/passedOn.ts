// Calls of the control socket where the stack is: what the socket's thread passes on is asked here, and told there.

import { createCalling } from "../../control/calls.js";
import type { ControlService, Running } from "../../control/protocol.js";
import type { Arguments } from "../../control/arguments.js";
import type { Stack } from "../../core/stack.js";
import type { FromServices, ToServices } from "./messages.js";

type PassedOn = Extract<ToServices, { readonly id: number }>;

export function createPassedOn(
  stack: Stack,
  services: () => readonly ControlService[],
  tell: (message: FromServices) => void,
): (order: PassedOn) => void {
  const calling = createCalling(stack, services);
  const running = new Map<number, Running>();

  function ask({ id, call, args }: Extract<PassedOn, { readonly type: "ask" }>): void {
    let isOver = false;
    const goesOn = calling({ call, args }, (told) => {
      if ("end" in told) {
        isOver = true;
        running.delete(id);
      }
      tell({ type: "told", id, told });
    });
    if (goesOn !== undefined && !isOver) running.set(id, goesOn);
  }

  /** What it takes exception to is an end of it: its client is a thread away, and its next words would be wrong as well. */
  function say(id: number, args: Arguments): void {
    const call = running.get(id);
    try {
      call?.input?.(args);
    } catch {
      call?.cancel();
    }
  }

  return (order) => {
    if (order.type === "ask") ask(order);
    else if (order.type === "credit") running.get(order.id)?.credit();
    else if (order.type === "input") say(order.id, order.args);
    else running.get(order.id)?.cancel();
  };
}
