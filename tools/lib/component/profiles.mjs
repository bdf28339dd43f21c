// The profiles, in the order of the enum `profile` of the interface about.

export const PROFILES = ["tiny", "esp32", "desktop"];
