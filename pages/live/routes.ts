// What the page shows, in the part of its address behind the #, so that a link leads there and the browser's buttons work.
export type Route =
  | { readonly view: 'overview' }
  | { readonly view: 'run'; readonly id: string }
  | { readonly view: 'study'; readonly id: string }
  | { readonly view: 'table'; readonly id: string }
  | { readonly view: 'compare'; readonly ids: readonly string[] };

export function parseRoute(hash: string): Route {
  const [, view, ids = ''] = /^#(run|study|table|compare)=([0-9a-f,]+)$/.exec(hash) ?? [];
  const list = ids.split(',').filter((id) => id !== '');
  const [id] = list;
  if (id === undefined) return { view: 'overview' };
  if (view === 'compare') return { view, ids: [...new Set(list)] };
  return view === 'study' || view === 'table' ? { view, id } : { view: 'run', id };
}

export function printRoute(route: Route): string {
  if (route.view === 'overview') return '#overview';
  return route.view === 'compare' ? `#compare=${route.ids.join(',')}` : `#${route.view}=${route.id}`;
}
