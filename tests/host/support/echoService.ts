// A small services module for tests of the dedicated loop: echo on the port that `data` names,
// answers to messages, and errors on request.

import type { StartServices } from "../../../host/core/services.js";
import { echo } from "./echo.js";

export const start: StartServices = ({ stack, data, post }) => {
  const { port } = data as { port: number };
  stack.listen({ port }, echo);
  return {
    onMessage(message) {
      if (message === "throw") throw new Error("thrown in the services");
      if (message === "turns") post({ turns: stack.turns });
      else if (message === "after") stack.after(20, () => post("rang"));
      else post({ echo: message, connections: stack.connections().length });
    },
    close: () => post("closing"),
  };
};
