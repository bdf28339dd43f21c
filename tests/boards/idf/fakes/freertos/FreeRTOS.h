/* FreeRTOS.h, projdefs.h, portmacro.h: FreeRTOS 10.5 as in ESP-IDF 5.1 to 6.0 */
#pragma once
#include <stdint.h>
#include "sdkconfig.h"
typedef int BaseType_t;
typedef unsigned UBaseType_t;
typedef uint32_t TickType_t;
#define pdTRUE 1
#define pdFALSE 0
#define configTICK_RATE_HZ CONFIG_FREERTOS_HZ
