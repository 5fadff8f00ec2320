// The names of the tasks, by which settings, run folders and tables say what they are of.
import { z } from 'zod';

/** Of the tasks that networks are searched on. */
export const SEARCHED_TASK_NAMES = ['classification', 'language', 'one-cell'] as const;
/** The name of a task that has searches and trainings. */
export type SearchedTaskName = (typeof SEARCHED_TASK_NAMES)[number];

/** The others train what was found elsewhere. */
export const TASK_NAMES = [...SEARCHED_TASK_NAMES, 'segmentation'] as const;
/** The name of a task. */
export type TaskName = (typeof TASK_NAMES)[number];

/** In files: those of before there was a second task do not say it. */
export const taskField = z.enum(TASK_NAMES).default('classification');
