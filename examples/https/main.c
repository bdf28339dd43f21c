/* An HTTPS server on Linux: TLS by mbedTLS (2.28), TCP by MoteTCP on a TAP device. mbedTLS is asked to read and write through
 * two callbacks over mote_read and mote_write, which never wait: where they would, mbedTLS says WANT_READ or WANT_WRITE, and
 * goes on when an event tells that it can. It needs a heap, MoteTCP does not. */

#include "motetcp.h"
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/error.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define PORT 443
#define BACKLOG 2
/** At a time; each holds a TLS session, and rings of the stack. */
#define SESSIONS 4
/** A client from which nothing comes for so long makes room for others. */
#define IDLE_MS 10000u

enum phase { HANDSHAKE, REQUEST, RESPONSE, GOODBYE, DRAIN };

struct session {
  uint32_t handle; /* 0: free */
  enum phase phase;
  uint32_t heard_ms;
  mbedtls_ssl_context tls;
  char request[512];
  size_t request_bytes;
  char response[512];
  size_t response_bytes, sent;
  /** Bytes of the pattern behind the response, and how many have been sent. */
  size_t body_bytes, body_sent;
};

static struct session sessions[SESSIONS];
static mbedtls_ssl_config config;
static mbedtls_x509_crt certificate;
static mbedtls_pk_context key;
static mbedtls_ctr_drbg_context generator;
static uint32_t listener, served;

static int send_some(void *context, const unsigned char *bytes, size_t count) {
  struct session *s = context;
  int32_t done = mote_write(s->handle, bytes, (uint32_t)count);
  if (done == 0) return MBEDTLS_ERR_SSL_WANT_WRITE;
  return done > 0 ? done : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

static int receive_some(void *context, unsigned char *bytes, size_t most) {
  struct session *s = context;
  int32_t done = mote_read(s->handle, bytes, (uint32_t)most);
  if (done == -MOTE_EAGAIN) return MBEDTLS_ERR_SSL_WANT_READ;
  return done >= 0 ? done : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

/** On a board mote_hal_random would do. */
static int take_random(void *context, unsigned char *bytes, size_t count) {
  (void)context;
  return getrandom(bytes, count, 0) == (ssize_t)count ? 0 : MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
}

static int set_up_tls(const char *certificate_file, const char *key_file) {
  int error;
  mbedtls_ssl_config_init(&config);
  mbedtls_x509_crt_init(&certificate);
  mbedtls_pk_init(&key);
  mbedtls_ctr_drbg_init(&generator);
  if ((error = mbedtls_ctr_drbg_seed(&generator, take_random, NULL, NULL, 0)) != 0) return error;
  if ((error = mbedtls_x509_crt_parse_file(&certificate, certificate_file)) != 0) return error;
  if ((error = mbedtls_pk_parse_keyfile(&key, key_file, NULL)) != 0) return error;
  error = mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
                                      MBEDTLS_SSL_PRESET_DEFAULT);
  if (error != 0) return error;
  mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &generator);
  return mbedtls_ssl_conf_own_cert(&config, &certificate, &key);
}

static void end(struct session *s) {
  mote_close(s->handle);
  mbedtls_ssl_free(&s->tls);
  s->handle = 0;
}

static void accept_all(void) {
  for (int32_t handle; (handle = mote_accept(listener)) > 0;) {
    struct session *s = sessions;
    while (s < sessions + SESSIONS && s->handle != 0) s++;
    if (s == sessions + SESSIONS) {
      mote_abort((uint32_t)handle); /* full: better a reset than a client that waits */
      continue;
    }
    memset(s, 0, sizeof *s);
    s->handle = (uint32_t)handle;
    s->heard_ms = mote_pump_milliseconds();
    mbedtls_ssl_init(&s->tls);
    if (mbedtls_ssl_setup(&s->tls, &config) != 0) {
      end(s);
      continue;
    }
    mbedtls_ssl_set_bio(&s->tls, s, send_some, receive_some, NULL);
  }
}

/** "GET /" is told of the stack, "GET /N" gets N bytes of a pattern. */
static void answer(struct session *s) {
  unsigned long asked = 0;
  int has_number = sscanf(s->request, "GET /%lu ", &asked) == 1;
  char text[160] = "";
  if (!has_number)
    snprintf(text, sizeof text, "MoteTCP, profile %s, %s; answer %u\n", MOTE_PROFILE, mbedtls_ssl_get_ciphersuite(&s->tls),
             ++served);
  s->body_bytes = asked;
  int bytes = snprintf(s->response, sizeof s->response,
                       "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %lu\r\n"
                       "Connection: close\r\n\r\n%s",
                       has_number ? asked : (unsigned long)strlen(text), text);
  s->response_bytes = (size_t)bytes;
}

/** Reads up to the empty line. What mbedTLS returns below 0 ends the session, or says that it has to wait. */
static int read_request(struct session *s) {
  size_t room = sizeof s->request - 1 - s->request_bytes;
  if (room == 0) return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
  int done = mbedtls_ssl_read(&s->tls, (unsigned char *)s->request + s->request_bytes, room);
  if (done <= 0) return done == 0 ? MBEDTLS_ERR_SSL_CONN_EOF : done;
  s->request_bytes += (size_t)done;
  s->request[s->request_bytes] = 0;
  if (strstr(s->request, "\r\n\r\n") == NULL) return 0;
  answer(s);
  s->phase = RESPONSE;
  return 0;
}

/** mbedTLS wants the same bytes again after WANT_WRITE: they are made from what has been sent. */
static int write_response(struct session *s) {
  unsigned char pattern[1024];
  const unsigned char *bytes = (const unsigned char *)s->response + s->sent;
  size_t count = s->response_bytes - s->sent;
  if (count == 0) {
    count = s->body_bytes - s->body_sent;
    if (count > sizeof pattern) count = sizeof pattern;
    for (size_t i = 0; i < count; i++) pattern[i] = (unsigned char)('a' + (s->body_sent + i) % 26);
    bytes = pattern;
  }
  if (count == 0) {
    s->phase = GOODBYE;
    return 0;
  }
  int done = mbedtls_ssl_write(&s->tls, bytes, count);
  if (done < 0) return done;
  if (s->sent < s->response_bytes) s->sent += (size_t)done;
  else s->body_sent += (size_t)done;
  return 0;
}

/** mote_close resets a connection with bytes unread, and what is still on its way to the peer is lost: its end first. */
static int drain(struct session *s) {
  char unread[64];
  int32_t done;
  while ((done = mote_read(s->handle, unread, sizeof unread)) > 0) continue;
  return done == -MOTE_EAGAIN ? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_SSL_CONN_EOF;
}

static int step(struct session *s) {
  int result;
  switch (s->phase) {
    case HANDSHAKE:
      result = mbedtls_ssl_handshake(&s->tls);
      if (result == 0) s->phase = REQUEST;
      return result;
    case REQUEST: return read_request(s);
    case RESPONSE: return write_response(s);
    case GOODBYE:
      if ((result = mbedtls_ssl_close_notify(&s->tls)) != 0) return result;
      mote_shutdown(s->handle);
      s->phase = DRAIN;
      return 0;
    default: return drain(s);
  }
}

/** As far as it goes now. */
static void serve(struct session *s) {
  int result;
  while ((result = step(s)) == 0) continue;
  if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE) return;
  if (s->phase == HANDSHAKE) {
    char why[128];
    mbedtls_strerror(result, why, sizeof why);
    fprintf(stderr, "no handshake: %s\n", why);
  }
  end(s);
}

/** The connection is over by itself: a client that hangs up may reset it, and what it said last is lost with that. */
static void fail(struct session *s) {
  if (s->phase == HANDSHAKE)
    fprintf(stderr, "no handshake: %s\n", mote_error_name(mote_handle_error(s->handle)));
  end(s);
}

static void on_events(uint32_t handle, uint32_t events) {
  if (handle == listener) accept_all();
  for (struct session *s = sessions; s < sessions + SESSIONS; s++) {
    if (s->handle == 0 || (handle != listener && handle != s->handle)) continue;
    if (handle == s->handle) s->heard_ms = mote_pump_milliseconds();
    if (handle == s->handle && (events & MOTE_EVENT_ERROR)) fail(s);
    else serve(s);
  }
}

/** Ends sessions that are idle; the ms until the next will be. */
static uint32_t end_idle(void) {
  uint32_t now = mote_pump_milliseconds(), next = UINT32_MAX;
  for (struct session *s = sessions; s < sessions + SESSIONS; s++) {
    if (s->handle == 0) continue;
    uint32_t idle = now - s->heard_ms;
    if (idle >= IDLE_MS) {
      mote_abort(s->handle);
      end(s);
    } else if (IDLE_MS - idle < next) {
      next = IDLE_MS - idle;
    }
  }
  return next;
}

static int open_listener(void) {
  int32_t handle = mote_listen(0, PORT, BACKLOG);
  if (handle <= 0) fprintf(stderr, "listen: %s\n", mote_error_name(handle));
  listener = handle > 0 ? (uint32_t)handle : 0;
  for (struct session *s = sessions; s < sessions + SESSIONS; s++) {
    if (s->handle != 0) end(s);
  }
  return handle <= 0;
}

int main(int count, char **words) {
  static struct mote_settings settings = {.prefix = 24};
  uint32_t handle, events;
  if (count != 5 || !mote_parse_address(words[2], settings.address)) {
    fprintf(stderr, "usage: %s DEVICE ADDRESS CERTIFICATE KEY\n", words[0]);
    return 2;
  }
  int error = set_up_tls(words[3], words[4]);
  if (error != 0) {
    fprintf(stderr, "certificate or key: mbedTLS says -0x%04x\n", (unsigned)-error);
    return 1;
  }
  if ((error = mote_posix_open(words[1])) != 0) {
    fprintf(stderr, "TAP device %s: %s\n", words[1], strerror(error));
    return 1;
  }
  if (mote_pump_start(&settings) != 0 || open_listener() != 0) return 1;
  printf("https://%s/\n", words[2]);
  fflush(stdout);
  for (;;) {
    if (mote_pump_turn() != 0 && open_listener() != 0) return 1;
    while ((handle = mote_poll(&events)) != 0) on_events(handle, events);
    mote_pump_sleep_for(end_idle());
  }
}
