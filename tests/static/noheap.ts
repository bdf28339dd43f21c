// The entry of a runtime without a heap, for the first proof: asc compiles every function of a
// runtime's entry file, so the allocators lie in a file of their own.

import "./noheap-impl";
