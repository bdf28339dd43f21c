/* esp_idf_version.h. Which one is pretended: FAKE_IDF_MAJOR, FAKE_IDF_MINOR. */
#pragma once
#define ESP_IDF_VERSION_VAL(major, minor, patch) ((major << 16) | (minor << 8) | (patch))
#ifndef FAKE_IDF_MAJOR
#define FAKE_IDF_MAJOR 5
#define FAKE_IDF_MINOR 5
#endif
#define ESP_IDF_VERSION ESP_IDF_VERSION_VAL(FAKE_IDF_MAJOR, FAKE_IDF_MINOR, 0)
