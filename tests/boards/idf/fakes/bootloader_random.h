/* bootloader_random.h: ESP-IDF 5.1 to 6.0 */
#pragma once
void bootloader_random_enable(void);
void bootloader_random_disable(void);
