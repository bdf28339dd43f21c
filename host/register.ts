// `node --import motetcp/register app.js`: the program's node:net, and with it http, https, http2, tls and
// fetch, is that of a stack: over loopback inside the process, or over the link that MOTE_LINK names. It has
// to come before the program takes anything of node:net.

import { syncBuiltinESMExports } from "node:module";
// Their sockets have handles of the system: they are defined on Node's own net.Socket, before it is replaced.
// oxlint-disable import/no-unassigned-import
import "node:tls";
import "node:tty";
// oxlint-enable import/no-unassigned-import
import { chosenNet } from "./register/choose.js";
import { replaceNet } from "./register/replaceNet.js";
import { replaceTls } from "./register/replaceTls.js";
import { warnIfLate } from "./register/warnIfLate.js";

warnIfLate();
const own = chosenNet(process.env);
replaceNet(own);
replaceTls(own.Socket);
syncBuiltinESMExports();
