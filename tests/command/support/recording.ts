// A recording to do again.

import type { TestContext } from "node:test";
import { join } from "node:path";
import { B, createPair, transfer } from "../../host/support/pair.js";
import { folderFor } from "./screen.js";

/** A short exchange on virtual time, recorded at the client; the file. */
export async function recording(
  t: TestContext,
  profile: "desktop" | "tiny" = "desktop",
): Promise<string> {
  const file = join(folderFor(t), "run.moterec");
  const pair = await createPair({
    profiles: [profile, profile],
    impairments: { delay: 10 },
    record: [{ to: file }, { to: () => undefined }],
  });
  pair.b.listen({ port: 7 }, (connection) => transfer(connection, Buffer.from("answer")));
  const client = transfer(pair.a.connect({ host: B, port: 7 }), Buffer.from("question"));
  pair.run(() => client.closed);
  pair.close();
  return file;
}
