#include "text.h"
#include "motetcp.h"
#include <string.h>

int mote_parse_address(const char *text, uint8_t address[4]) {
  uint8_t parsed[4];
  for (int i = 0; i < 4; i++) {
    uint32_t value = 0, digits = 0;
    for (; *text >= '0' && *text <= '9' && digits < 4; text++, digits++) value = 10 * value + (uint32_t)(*text - '0');
    if (digits == 0 || value > 255 || *text != (i < 3 ? '.' : 0)) return 0;
    parsed[i] = (uint8_t)value;
    text++;
  }
  memcpy(address, parsed, sizeof parsed);
  return 1;
}

char *mote_print_address(const uint8_t address[4], char text[MOTE_ADDRESS_TEXT]) {
  char *end = text;
  for (int i = 0; i < 4; i++) {
    if (i > 0) *end++ = '.';
    end = mote_append_number(end, address[i]);
  }
  return text;
}

const char *mote_error_name(int32_t error) {
  static const char *const names[] = {MOTE_ERRNO_NAMES};
  uint32_t number = error < 0 ? 0 - (uint32_t)error : (uint32_t)error;
  if (number >= sizeof names / sizeof names[0]) return "?";
  return names[number];
}

char *mote_append_text(char *to, const char *text) {
  while (*text != 0) *to++ = *text++;
  *to = 0;
  return to;
}

char *mote_append_number(char *to, uint32_t number) {
  char digits[10];
  uint32_t count = 0;
  do digits[count++] = (char)('0' + number % 10);
  while ((number /= 10) != 0);
  while (count != 0) *to++ = digits[--count];
  *to = 0;
  return to;
}
