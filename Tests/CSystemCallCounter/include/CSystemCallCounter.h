#ifndef C_SYSTEM_CALL_COUNTER_H
#define C_SYSTEM_CALL_COUNTER_H

/// How often the process has waited, received, sent, read, written, or changed what it waits for.
///
/// A program that links this has these calls of its own, which come before those of the C library: every one counts, whoever
/// makes it.
unsigned long system_call_count(void);

/// How often it has changed what it waits for.
unsigned long poll_change_count(void);

#endif
