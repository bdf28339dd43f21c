// Sizes that whoever records may choose, in one place for programs and for the command.

export const DEFAULT_FLIGHT_MIB = 64;
export const LEAST_FLIGHT_MIB = 4;
export const MOST_FLIGHT_MIB = 4096;

/** Files of a rotating recording that stay. */
export const DEFAULT_KEEP = 8;
/** Of calls in each of them. */
export const LEAST_ROTATE_BYTES = 64 * 1024;
