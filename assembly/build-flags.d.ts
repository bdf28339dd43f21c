/** Set with `asc --use MOTE_PROFILE=N`; only TypeScript reads this file. */
declare const MOTE_PROFILE: i32;
