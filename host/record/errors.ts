/** What is wrong with a recording, or with its replay. */
export type RecordingCode =
  | "ERR_RECORDING_FOREIGN"
  | "ERR_RECORDING_VERSION"
  | "ERR_RECORDING_TRUNCATED"
  | "ERR_RECORDING_CORRUPT"
  | "ERR_RECORDING_BUILD"
  | "ERR_REPLAY_DIVERGED";

export function recordingError(code: RecordingCode, text: string, cause?: unknown): Error {
  return Object.assign(new Error(`recording: ${text}`, { cause }), { code });
}
