/** Set with `asc --use MOTE_PROFILE=N`; only TypeScript reads this file. */
declare const MOTE_PROFILE: i32;
/** Set with `asc --use MOTE_WITHOUT=N`. */
declare const MOTE_WITHOUT: i32;
