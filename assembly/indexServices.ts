// What builds with built-in services export.

export { serve } from "./app/serve";
