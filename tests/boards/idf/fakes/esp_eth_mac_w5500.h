/* esp_eth_mac_w5500.h of the component espressif/w5500 1.0 */
#pragma once
#include "fake_w5500.h"
