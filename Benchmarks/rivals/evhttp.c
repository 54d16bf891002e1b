// The same answers from evhttp, libevent's own HTTP server: evhttp PORT
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGE = 1 << 20 };

static char *large;

static void reply(struct evhttp_request *request, struct evbuffer *body) {
    evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", "text/plain");
    evhttp_send_reply(request, 200, "OK", body);
    evbuffer_free(body);
}

static void hello(struct evhttp_request *request, void *argument) {
    (void)argument;
    struct evbuffer *body = evbuffer_new();
    evbuffer_add(body, "Hello, World!", 13);
    reply(request, body);
}

static void upload(struct evhttp_request *request, void *argument) {
    (void)argument;
    struct evbuffer *body = evbuffer_new();
    evbuffer_add_printf(body, "%zu", evbuffer_get_length(evhttp_request_get_input_buffer(request)));
    reply(request, body);
}

static void download(struct evhttp_request *request, void *argument) {
    (void)argument;
    struct evbuffer *body = evbuffer_new();
    evbuffer_add_reference(body, large, LARGE, NULL, NULL);
    reply(request, body);
}

int main(int count, char **arguments) {
    if (count != 2) return fprintf(stderr, "usage: evhttp PORT\n"), 2;
    signal(SIGPIPE, SIG_IGN);
    memset(large = malloc(LARGE), 'x', LARGE);
    struct event_config *config = event_config_new();
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    struct event_base *base = event_base_new_with_config(config);
    struct evhttp *server = evhttp_new(base);
    evhttp_set_cb(server, "/upload", upload, NULL);
    evhttp_set_cb(server, "/download", download, NULL);
    evhttp_set_gencb(server, hello, NULL);
    if (evhttp_bind_socket(server, "127.0.0.1", (unsigned short)atoi(arguments[1]))) return perror("evhttp"), 1;
    return event_base_dispatch(base);
}
