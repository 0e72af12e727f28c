/* Preloaded, it adds the seconds that stand in the file SHIM_FILE (8 bytes) to the wall clock of a process. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *shift;

__attribute__((constructor)) static void open_file(void) {
    const char *path = getenv("SHIM_FILE");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        void *memory = mmap(NULL, 8, PROT_READ, MAP_SHARED, fd, 0);
        if (memory != MAP_FAILED)
            shift = memory;
        close(fd);
    }
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (result == 0 && clock == CLOCK_REALTIME && shift)
        now->tv_sec += *shift;
    return result;
}
