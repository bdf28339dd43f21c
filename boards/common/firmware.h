/* What the firmware does with connections. */
#ifndef MOTE_FIRMWARE_H
#define MOTE_FIRMWARE_H

/** Opens what it offers, at the start and after each restart of the core; 0, or 1: it could not. */
int mote_firmware_open(void);

/** Takes the events that the core has. */
void mote_firmware_serve(void);

#endif
