// A client of the control socket, seen from the stack and without a socket: calls, what is told of each, and items taken as
// they come or not.

import { createCalling } from "../../../host/control/calls.js";
import type { LentEnd, Running, Told } from "../../../host/control/protocol.js";
import type { Stack } from "../../../host/core/stack.js";

export interface Client {
  readonly running: Running | undefined;
  readonly told: Told[];
  /** Takes items as they come. */
  takesItems: boolean;
  items<Item>(): Item[];
  end(): LentEnd | undefined;
  error(): { code: string; message: string } | undefined;
}

export type Call = (name: string, args: object, takesItems?: boolean) => Client;

export function callerOf(stack: Stack): Call {
  const calling = createCalling(stack, () => []);
  return (name, args, takesItems = true) => {
    const told: Told[] = [];
    let early = 0;
    const client = {
      told,
      takesItems,
      running: undefined as Running | undefined,
      items: <Item>() => told.flatMap((one) => ("item" in one ? [one.item as Item] : [])),
      end: () => told.flatMap((one) => ("end" in one ? [one.end as LentEnd] : []))[0],
      error: () => told.flatMap((one) => ("error" in one ? [one.error] : []))[0],
    };
    client.running = calling({ call: name, args: args as never }, (one) => {
      told.push(one);
      if (!("item" in one) || !client.takesItems) return;
      if (client.running === undefined) early++;
      else client.running.credit();
    });
    for (; early > 0; early--) client.running?.credit();
    return client;
  };
}

export const base64 = (text: string) => Buffer.from(text).toString("base64");
