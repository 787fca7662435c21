/*
 * The request of the post-receive hook: git.push.
 */
#ifndef POSTROOM_SERVICES_INTAKE_GIT_PUSHES_H
#define POSTROOM_SERVICES_INTAKE_GIT_PUSHES_H

#include "services/request/request.h"

/* git_pushes_add takes in a push: `event` as event.add does, without actor and scopes, which the
 * store completes:
 *
 * - scopes: those of `folders` that are topics, TOPIC/FOLDER. One that holds the whole push (it is
 *   `whole` or holds it) is nearer than the repository, others are farther: who mutes a folder is
 *   spared pushes to it alone, and hears of those that also touch what they watch.
 * - scopes and thread: the topics TOPIC@BRANCH of `branches`, those that moved. When it is one
 *   alone it is nearer than the repository, and the push is of its thread.
 * - actor: the person `by` names; when there is none yet, the person with the `committer`'s
 *   {name, address}; when there is none either, they are made of what is known.
 *
 * Answers as event.add, and "folders": the topics among them, "folders_left_out": how many topics
 * were too many. */
request_handler git_pushes_add;

#endif
