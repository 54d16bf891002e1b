// The least that answers HTTP on libevent: one loop, recv and send with a buffer for each connection, and no more parsing than
// it takes to find the end of a request without a body. It is the floor and no server: it believes whatever it is sent.
// raw PORT
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OK "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n"
static const char hello[] = OK "\r\nHello, World!", bye[] = OK "Connection: close\r\n\r\nHello, World!";
enum { IN = 8 * 1024, LONGEST = sizeof bye - 1 };

struct connection {
    struct event *readable, *writable;
    size_t have, out, sent;
    bool closes;
    // A request has 20 bytes at least, so there is room for the answers to all that fit in.
    char in[IN + 1], response[IN / 20 * LONGEST];
};

static struct event_base *base;

static void end(struct connection *c) {
    int fd = event_get_fd(c->readable);
    event_free(c->readable);
    event_free(c->writable);
    close(fd);
    free(c);
}

static void flush(struct connection *c) {
    while (c->sent < c->out) {
        ssize_t n = send(event_get_fd(c->readable), c->response + c->sent, c->out - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN) return end(c);
        if (n < 0) {
            // Nothing more is read until this has gone.
            event_del(c->readable);
            event_add(c->writable, NULL);
            return;
        }
        c->sent += (size_t)n;
    }
    c->out = c->sent = 0;
    if (c->closes) end(c);
}

// Answers the requests that are whole.
static void answer(struct connection *c) {
    char *at = c->in, *stop;
    c->in[c->have] = 0;
    while ((stop = strstr(at, "\r\n\r\n")) && c->out + LONGEST <= sizeof c->response) {
        *stop = 0;
        if (strstr(at, "Connection: close")) c->closes = true;
        size_t size = c->closes ? sizeof bye - 1 : sizeof hello - 1;
        memcpy(c->response + c->out, c->closes ? bye : hello, size);
        c->out += size;
        at = stop + 4;
    }
    c->have -= (size_t)(at - c->in);
    memmove(c->in, at, c->have);
}

static void readable(evutil_socket_t fd, short what, void *argument) {
    (void)what;
    struct connection *c = argument;
    ssize_t n = recv(fd, c->in + c->have, IN - c->have, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return end(c);
    c->have += (size_t)n;
    answer(c);
    flush(c);
}

static void writable(evutil_socket_t fd, short what, void *argument) {
    (void)fd, (void)what;
    struct connection *c = argument;
    event_add(c->readable, NULL);
    flush(c);
}

static void accepted(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *a, int size, void *argument) {
    (void)l, (void)a, (void)size, (void)argument;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    struct connection *c = malloc(sizeof *c);
    c->readable = event_new(base, fd, EV_READ | EV_PERSIST, readable, c);
    c->writable = event_new(base, fd, EV_WRITE, writable, c);
    c->have = c->out = c->sent = 0;
    c->closes = false;
    event_add(c->readable, NULL);
}

int main(int count, char **arguments) {
    if (count != 2) return fprintf(stderr, "usage: raw PORT\n"), 2;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(arguments[1]))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct event_config *config = event_config_new();
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    base = event_base_new_with_config(config);
    unsigned flags = LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE;
    if (!evconnlistener_new_bind(base, accepted, NULL, flags, 1024, (struct sockaddr *)&address, sizeof address)) {
        return perror("raw"), 1;
    }
    return event_base_dispatch(base);
}
