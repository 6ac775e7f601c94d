/* tty.c: see tty.h. What runs in a signal handler calls nothing but what POSIX allows there. */
#include "tty.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LEN(a) (sizeof(a) / sizeof *(a))

static struct termios cooked, keys; /* as the terminal was found; as :watch has it */
static volatile sig_atomic_t holds, takes_keys;
static const char *volatile normal_text = "";

static const int deaths[] = {SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
static const int stops[] = {SIGTSTP, SIGCONT};
static struct sigaction old_deaths[LEN(deaths)], old_stops[LEN(stops)];

/* The terminal as it was; then what the signal would have done without us. */
static void die(int sig)
{
    if (holds) {
        if (write(STDOUT_FILENO, normal_text, strlen(normal_text)) < 0) {
            /* the terminal is gone */
        }
        tcsetattr(STDIN_FILENO, TCSANOW, &cooked);
    }
    for (size_t i = 0; i < LEN(deaths); i++) {
        if (deaths[i] == sig) {
            sigaction(sig, &old_deaths[i], NULL);
        }
    }
    raise(sig);
}

/* SIGTSTP: stops with the terminal as it was. SIGCONT, and when the stop is over: with ours. */
static void stop_or_go_on(int sig)
{
    int saved = errno;
    if (sig == SIGTSTP) {
        struct sigaction mine, usual = {0};
        usual.sa_handler = SIG_DFL;
        tcsetattr(STDIN_FILENO, TCSANOW, &cooked);
        sigaction(SIGTSTP, &usual, &mine);
        raise(SIGTSTP);
        sigaction(SIGTSTP, &mine, NULL);
    }
    tcsetattr(STDIN_FILENO, TCSANOW, &keys);
    errno = saved;
}

static void catch(const int *signals, size_t n, void (*handler)(int), struct sigaction *old)
{
    struct sigaction action = {0};
    action.sa_handler = handler;
    action.sa_flags = SA_NODEFER | SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < n; i++) {
        sigaction(signals[i], &action, &old[i]);
        if (old[i].sa_handler == SIG_IGN) {
            sigaction(signals[i], &old[i], NULL);
        }
    }
}

static void give_back_signals(const int *signals, size_t n, const struct sigaction *old)
{
    for (size_t i = 0; i < n; i++) {
        sigaction(signals[i], &old[i], NULL);
    }
}

int tty_hold(const char *normal)
{
    if (holds || tcgetattr(STDIN_FILENO, &cooked) != 0) {
        return 0;
    }
    normal_text = normal;
    holds = 1;
    catch(deaths, LEN(deaths), die, old_deaths);
    return 1;
}

void tty_take_keys(void)
{
    if (!holds || takes_keys) {
        return;
    }
    keys = cooked;
    keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    takes_keys = 1;
    catch(stops, LEN(stops), stop_or_go_on, old_stops);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &keys);
}

void tty_release(void)
{
    if (!holds) {
        return;
    }
    if (takes_keys) {
        give_back_signals(stops, LEN(stops), old_stops);
        takes_keys = 0;
    }
    tcsetattr(STDIN_FILENO, TCSADRAIN, &cooked);
    give_back_signals(deaths, LEN(deaths), old_deaths);
    holds = 0;
}
