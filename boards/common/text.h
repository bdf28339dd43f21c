/* Numbers, IPv4 addresses and errors as text, without printf. One interface of motetcp.h, which includes it. */
#ifndef MOTE_TEXT_H
#define MOTE_TEXT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of the longest address as text, with its end. */
#define MOTE_ADDRESS_TEXT 16

/** Four numbers from 0 to 255 with dots between them, and nothing else, as in "198.18.0.1"; into network order. 1, or 0:
 * it is none, and the address is as before. */
int mote_parse_address(const char *text, uint8_t address[4]);

/** The other way, with a 0 at its end; returns `text`. */
char *mote_print_address(const uint8_t address[4], char text[MOTE_ADDRESS_TEXT]);

/** "ECONNRESET" of MOTE_ECONNRESET, as it stands or negated; "0" of 0, "?" of what is no error. */
const char *mote_error_name(int32_t error);

/** Put a text, or a number in decimal (up to 10 digits), and a 0 behind it; return where that 0 is, so that more can
 * follow. The caller has the room. */
char *mote_append_text(char *to, const char *text);
char *mote_append_number(char *to, uint32_t number);

#ifdef __cplusplus
}
#endif

#endif
