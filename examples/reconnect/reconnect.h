#ifndef RECONNECT_H
#define RECONNECT_H

#include "motetcp.h"

/** Keeps a connection to a server, for ever, and sends it a line each second. The core must have been started. */
void reconnect(const uint8_t server[4], uint32_t port);

/** What a board says about it: a line without its end. */
void reconnect_say(const char *line);

#endif
