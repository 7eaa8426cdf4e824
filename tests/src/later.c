/* Put before the C library by the dynamic linker (LD_PRELOAD), so that a test can look at the real, unchanged host
   months later: the wall clock goes ahead by the seconds that stand in the file LATER_FILE, eight bytes in the
   machine's own order, read anew at every look. Every other clock is as it is, so that nothing waits longer. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *later;

__attribute__((constructor)) static void open_later(void) {
    const char *path = getenv("LATER_FILE");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *page = mmap(0, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (page != MAP_FAILED)
        later = page;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    long failed = syscall(SYS_clock_gettime, clock, now);
    if (failed == 0 && clock == CLOCK_REALTIME && later)
        now->tv_sec += *later;
    return (int)failed;
}
