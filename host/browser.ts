// What the package offers where there is no Node. Nothing that is reached from here imports a module of Node's or
// uses one of its globals.

export { createStack } from "./browserStack.js";
export * from "./everywhere.js";
